create table late (id int primary key);
insert into late values (1);
