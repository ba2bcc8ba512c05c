create table c (a int, b text, v text, primary key (a,b));
alter table c replica identity full;
insert into c values (1,'x','v');
