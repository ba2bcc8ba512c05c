create table dbz_signal (id varchar(42) primary key, type varchar(32) not null, data varchar(2048));
create table k (a bigint, b uuid, c smallint, d text, e varchar(10), primary key (a,b,c,d,e));
insert into k select 10000000000+g, ('00000000-0000-0000-0000-0000000000'||lpad(g::text,2,'0'))::uuid, g, 'd'||g, 'é'||g from generate_series(1,7) g;
