-- @quiet
begin;
insert into dbz_signal values ('a1','execute-snapshot','{"data-collections":["public.k"],"type":"incremental","additional-conditions":[{"data-collection":"public.k","filter":"c > 0"}]}');
insert into dbz_signal values ('a2','pause-snapshot','{}');
commit;
-- @quiet
