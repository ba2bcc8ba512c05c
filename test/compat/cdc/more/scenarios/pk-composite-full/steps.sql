update c set b='y' where a=1;
update c set v='w';
update c set a=2,b='z';
delete from c;
