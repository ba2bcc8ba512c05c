create table p (id int, k int, v text, primary key (id,k)) partition by range (k);
create table p1 partition of p for values from (0) to (10);
create table p2 partition of p for values from (10) to (20);
insert into p values (1,1,'a'),(2,11,'b');
