-- @quiet
begin;
insert into dbz_signal values ('a1','execute-snapshot','{"data-collections":["public.t"],"type":"incremental"}');
update t set v='u2' where id=2;
delete from t where id=4;
update t set id=100 where id=5;
insert into t values (7000,'late');
commit;
-- @quiet
