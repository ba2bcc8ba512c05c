update shard_1 set v='b' where id=1;
delete from shard_1 where id=1;
insert into shard_2 values (4,'k');
truncate shard_2;
