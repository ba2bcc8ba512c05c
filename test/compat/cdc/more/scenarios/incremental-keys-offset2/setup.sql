create table dbz_signal (id varchar(42) primary key, type varchar(32) not null, data varchar(2048));
create table k (a numeric(6,2), b timestamptz, c date, d boolean, e char(3), primary key (a,b,c,d,e));
insert into k select g+0.5, '2024-01-02 03:04:05.678901Z', '2024-02-03', true, 'ab' from generate_series(1,7) g;
