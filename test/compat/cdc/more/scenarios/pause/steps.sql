insert into a values (30,'before',1);
-- @quiet
-- @pause
insert into a values (31,'while',1);
-- @sleep 800
-- @resume
-- @quiet
-- @restart
insert into a values (32,'after',1);
