insert into g(a,ts,u) values (4,'2024-01-01 00:00:00Z','00000000-0000-0000-0000-000000000001');
update g set a=5;
