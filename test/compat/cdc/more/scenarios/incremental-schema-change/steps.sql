-- @quiet
alter table t add column w int default 3;
insert into dbz_signal values ('a1','execute-snapshot','{"data-collections":["public.t"],"type":"incremental"}');
-- @quiet
insert into t values (77,'new',9);
alter table u add column c text;
update u set c='c' where a=1;
-- @quiet
insert into dbz_signal values ('a2','execute-snapshot','{"data-collections":["public.u"],"type":"incremental"}');
-- @quiet
