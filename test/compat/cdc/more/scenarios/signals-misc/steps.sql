-- @quiet
insert into dbz_signal values ('l1','log','{"message":"Signal message at offset {}"}');
insert into dbz_signal values ('l2','nonsense','{}');
insert into dbz_signal values ('l3','execute-snapshot','not json');
insert into dbz_signal values ('l4','execute-snapshot',null);
insert into dbz_signal values ('l5','execute-snapshot','');
insert into dbz_signal values ('l6','execute-snapshot','{"data-collections":[],"type":"incremental"}');
insert into dbz_signal values ('l7','execute-snapshot','{"data-collections":["public.u"],"type":"strange"}');
insert into dbz_signal values ('l8','stop-snapshot','{"type":"incremental"}');
insert into dbz_signal values ('l9','pause-snapshot','{}');
update dbz_signal set type='execute-snapshot', data='{"data-collections":["public.u"]}' where id='l1';
delete from dbz_signal where id='l2';
-- @quiet
insert into dbz_signal values ('l10','execute-snapshot','{"data-collections":[" public.u "]}');
-- @quiet
