create table s (id int primary key, f4 real, f8 double precision, n numeric, i8 bigint, t text);
insert into s values (1,'NaN','Infinity','NaN',9223372036854775807,E'tab\tnl\nq"\\'),(2,1e-10,1e300,123456789012345678901234567890.123456789,-9223372036854775808,'ünï😀');
