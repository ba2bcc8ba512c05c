update a set v='b' where id=1;
delete from a where id=1;
