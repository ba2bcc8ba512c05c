-- @quiet
insert into dbz_signal values ('b1','execute-snapshot','{"data-collections":["public.u"],"type":"BLOCKING"}');
-- @quiet
-- @quiet
update u set b='q' where a=3;
-- @quiet
insert into dbz_signal values ('b2','execute-snapshot','{"data-collections":["public.nope"],"type":"BLOCKING"}');
-- @quiet
insert into t values (44,'x');
