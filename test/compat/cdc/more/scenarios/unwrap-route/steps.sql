insert into a values (1,'unwrap-route.r1');
