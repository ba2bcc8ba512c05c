create table s (id int primary key, n numeric, m numeric(10,3), k numeric(5,0));
insert into s values (1,123456789012345678901234567890.123456789,1.5,12345);
