create table shard_1 (id int primary key, v text);
create table shard_2 (id int, v text);
insert into shard_1 values (1,'a');
insert into shard_2 values (1,'z');
