create table t (id int primary key, v text);
insert into t select g,'row '||g from generate_series(1,12) g;
create table u (a int, b text, primary key (a,b));
insert into u values (1,'x'),(2,'y'),(2,'z'),(3,'a');
create table dbz_signal (id varchar(42) primary key, type varchar(32) not null, data varchar(2048));
