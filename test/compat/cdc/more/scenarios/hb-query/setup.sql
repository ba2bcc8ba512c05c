create table t (id int primary key);

create table hbq (v text primary key, n int default 0);
