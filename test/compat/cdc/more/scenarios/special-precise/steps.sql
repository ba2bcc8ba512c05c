insert into s values (2,0,-0.001,-1);
update s set n=1e-20 where id=2;
