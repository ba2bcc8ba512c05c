create table a (id int primary key, v text default 'd');
insert into a values (1,'a');
