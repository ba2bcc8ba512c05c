-- @sleep 900
insert into a values (10,'x',3.25);
update a set v='y' where id=10;
update a set id=11 where id=10;
delete from a where id=11;
-- @sleep 700
