create schema s1; create schema t1; create table s1.x (id int primary key); create table t1.y (id int primary key); insert into s1.x values (1); insert into t1.y values (1);
