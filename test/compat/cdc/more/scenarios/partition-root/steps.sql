insert into p values (3,5,'c');
update p set k=15 where id=3;
delete from p where id=1;
