insert into p values (3,5,'c');
update p set k=15 where id=3;
delete from p where id=1;
-- @quiet
create table p3 partition of p for values from (20) to (30);
insert into p values (4,25,'d');
