update i set v='w';
update i set code='c2';
update i set id=5;
delete from i;
