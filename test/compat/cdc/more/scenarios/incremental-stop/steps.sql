-- @quiet
begin;
insert into dbz_signal values ('a1','execute-snapshot','{"data-collections":["public.t","public.u"],"type":"incremental"}');
insert into dbz_signal values ('a2','stop-snapshot','{"type":"incremental","data-collections":["public.t"]}');
commit;
-- @quiet
begin;
insert into dbz_signal values ('a3','execute-snapshot','{"data-collections":["public.t"],"type":"incremental"}');
insert into dbz_signal values ('a4','stop-snapshot','{"type":"incremental"}');
commit;
-- @quiet
begin;
insert into dbz_signal values ('a5','execute-snapshot','{"data-collections":["public.t","public.u"],"type":"incremental"}');
insert into dbz_signal values ('a6','stop-snapshot','{"type":"incremental","data-collections":["public.u"]}');
commit;
-- @quiet
