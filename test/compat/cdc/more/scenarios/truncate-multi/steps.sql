truncate a, b;
begin; insert into a values (3,'t',1); truncate b; insert into b values (3,'t'); commit;
