create table a (id int primary key, v text, n numeric(8,2));
create table b (id int primary key, v text);
insert into a values (1,'a1',1.5),(2,'a2',null);
insert into b values (1,'b1');
