insert into s1.x values (2); insert into t1.y values (2);
