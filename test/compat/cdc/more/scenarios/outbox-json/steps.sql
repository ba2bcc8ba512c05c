insert into outbox values ('11111111-1111-1111-1111-111111111111','Order','7','Created','{"a":1,"b":{"c":[1,2]},"d":null}','e1');
insert into outbox values ('22222222-2222-2222-2222-222222222222','Order','8','Removed',null,'e2');
delete from outbox;
