begin; insert into a values (20,'keep',1); savepoint s; insert into a values (21,'gone',1); rollback to s; insert into b values (20,'keep'); commit;
begin; insert into a values (22,'no',1); rollback;
begin; select pg_logical_emit_message(true,'p','c'); insert into a values (23,'m',1); commit;
