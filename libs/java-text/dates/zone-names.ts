// Pure: the names of time zones in Java 17's en_US, in the order Java tries them.

/**
 * `ID|standard time|its abbreviation|daylight time|its abbreviation`, then how many minutes daylight time is ahead, where
 * the zone still has it. Zones all of whose names mean an earlier zone are left out: no text leads to them.
 */
export const ZONE_NAMES = `
America/Los_Angeles|Pacific Standard Time|PST|Pacific Daylight Time|PDT|60
America/Denver|Mountain Standard Time|MST|Mountain Daylight Time|MDT|60
America/Chicago|Central Standard Time|CST|Central Daylight Time|CDT|60
America/New_York|Eastern Standard Time|EST|Eastern Daylight Time|EDT|60
Pacific/Honolulu|Hawaii-Aleutian Standard Time|HST|Hawaii-Aleutian Daylight Time|HDT
America/Anchorage|Alaska Standard Time|AKST|Alaska Daylight Time|AKDT|60
America/Halifax|Atlantic Standard Time|AST|Atlantic Daylight Time|ADT|60
America/St_Johns|Newfoundland Standard Time|NST|Newfoundland Daylight Time|NDT|60
Europe/Paris|Central European Standard Time|CET|Central European Summer Time|CEST|60
GMT|Greenwich Mean Time|GMT|Greenwich Mean Time|GMT
Asia/Jerusalem|Israel Standard Time|IST|Israel Daylight Time|IDT|60
Asia/Tokyo|Japan Standard Time|JST|Japan Daylight Time|JDT
Europe/Bucharest|Eastern European Standard Time|EET|Eastern European Summer Time|EEST|60
Asia/Shanghai|China Standard Time|CST|China Daylight Time|CDT
UTC|Coordinated Universal Time|UTC|Coordinated Universal Time|UTC
ACT|Australian Central Standard Time|ACST|Australian Central Daylight Time|ACDT
AET|Australian Eastern Standard Time|AEST|Australian Eastern Daylight Time|AEDT|60
BET|Brasilia Standard Time|BRT|Brasilia Summer Time|BRST
BST|Bangladesh Standard Time|BDT|Bangladesh Summer Time|BDST
CAT|Central Africa Time|CAT|Central African Summer Time|CAST
EAT|East Africa Time|EAT|Eastern African Summer Time|EAST
MIT|Apia Standard Time|WSST|Apia Daylight Time|WSDT
NET|Armenia Standard Time|AMT|Armenia Summer Time|AMST
NST|New Zealand Standard Time|NZST|New Zealand Daylight Time|NZDT|60
PLT|Pakistan Standard Time|PKT|Pakistan Summer Time|PKST
SST|Solomon Islands Time|SBT|Solomon Is. Summer Time|SBST
Asia/Aden|Arabian Standard Time|AST|Arabian Daylight Time|ADT
Asia/Baku|Azerbaijan Standard Time|AZT|Azerbaijan Summer Time|AZST
Asia/Dili|East Timor Time|TLT|Timor-Leste Summer Time|TLST
Asia/Hovd|Hovd Standard Time|HOVT|Hovd Summer Time|HOVST
Asia/Omsk|Omsk Standard Time|OMST|Omsk Summer Time|OMSST
Asia/Oral|West Kazakhstan Time|ORAT|Oral Summer Time|ORAST
Asia/Aqtau|West Kazakhstan Time|AQTT|Aqtau Summer Time|AQTST
Asia/Chita|Yakutsk Standard Time|YAKT|Yakutsk Summer Time|YAKST
Asia/Dubai|Gulf Standard Time|GST|Gulf Daylight Time|GDT
Asia/Kabul|Afghanistan Time|AFT|Afghanistan Summer Time|AFST
Asia/Seoul|Korean Standard Time|KST|Korean Daylight Time|KDT
Asia/Almaty|East Kazakhstan Time|ALMT|Alma-Ata Summer Time|ALMST
Asia/Anadyr|Anadyr Standard Time|ANAT|Anadyr Summer Time|ANAST
Asia/Aqtobe|West Kazakhstan Time|AQTT|Aqtobe Summer Time|AQTST
Asia/Atyrau|West Kazakhstan Time|GMT+05:00|Atyrau Daylight Time|GMT+05:00
Asia/Brunei|Brunei Darussalam Time|BNT|Brunei Summer Time|BNST
Asia/Manila|Philippine Standard Time|PST|Philippine Summer Time|PDT
Asia/Saigon|Indochina Time|ICT|Indochina Summer Time|ICST
Asia/Taipei|Taipei Standard Time|CST|Taipei Daylight Time|CDT
Asia/Tehran|Iran Standard Time|IRST|Iran Daylight Time|IRDT
Indian/Mahe|Seychelles Time|SCT|Seychelles Summer Time|SCST
Pacific/Yap|Chuuk Time|CHUT|Chuuk Summer Time|CHUST
Africa/Accra|Greenwich Mean Time|GMT|Ghana Summer Time|GHST
Africa/Lagos|West Africa Standard Time|WAT|West Africa Summer Time|WAST
America/Adak|Hawaii-Aleutian Standard Time|HAST|Hawaii-Aleutian Daylight Time|HADT|60
America/Lima|Peru Standard Time|PET|Peru Summer Time|PEST
Asia/Bishkek|Kyrgyzstan Time|KGT|Kirgizstan Summer Time|KGST
Asia/Colombo|India Standard Time|IST|India Daylight Time|IDT
Asia/Irkutsk|Irkutsk Standard Time|IRKT|Irkutsk Summer Time|IRKST
Asia/Jakarta|Western Indonesia Time|WIB|West Indonesia Summer Time|WIST
Asia/Kuching|Malaysia Time|MYT|Malaysia Summer Time|MYST
Asia/Magadan|Magadan Standard Time|MAGT|Magadan Summer Time|MAGST
Asia/Rangoon|Myanmar Time|MMT|Myanmar Summer Time|MMST
Asia/Tbilisi|Georgia Standard Time|GET|Georgia Summer Time|GEST
Asia/Thimphu|Bhutan Time|BTT|Bhutan Summer Time|BTST
Europe/Minsk|Moscow Standard Time|MSK|Moscow Summer Time|MSD
Indian/Cocos|Cocos Islands Time|CCT|Cocos Islands Summer Time|CCST
Pacific/Fiji|Fiji Standard Time|FJT|Fiji Summer Time|FJST
Pacific/Guam|Chamorro Standard Time|ChST|Chamorro Daylight Time|ChDT
Pacific/Niue|Niue Time|NUT|Niue Summer Time|NUST
Pacific/Wake|Wake Island Time|WAKT|Wake Summer Time|WAKST
SystemV/PST8|Pitcairn Time|PST|Pitcairn Time|PST
SystemV/YST9|Gambier Time|AKST|Gambier Time|AKST
Africa/Maseru|South Africa Standard Time|SAST|South Africa Summer Time|SAST
America/Jujuy|Argentina Standard Time|ART|Argentina Summer Time|ARST
Asia/Ashgabat|Turkmenistan Standard Time|TMT|Turkmenistan Summer Time|TMST
Asia/Dushanbe|Tajikistan Time|TJT|Tajikistan Summer Time|TJST
Asia/Jayapura|Eastern Indonesia Time|WIT|East Indonesia Summer Time|EIST
Asia/Katmandu|Nepal Time|NPT|Nepal Summer Time|NPST
Asia/Makassar|Central Indonesia Time|WITA|Central Indonesia Summer Time|CIST
Asia/Qostanay|East Kazakhstan Time|QOST|Kostanay Summer Time|QOSST
Asia/Sakhalin|Sakhalin Standard Time|SAKT|Sakhalin Summer Time|SAKST
Asia/Tashkent|Uzbekistan Standard Time|UZT|Uzbekistan Summer Time|UZST
Asia/Ust-Nera|Vladivostok Standard Time|VLAT|Vladivostok Summer Time|VLAST
Europe/Dublin|Greenwich Mean Time|GMT|Irish Standard Time|IST|60
Europe/Jersey|Greenwich Mean Time|GMT|British Summer Time|BST|60
Europe/Lisbon|Western European Standard Time|WET|Western European Summer Time|WEST|60
Europe/Samara|Samara Standard Time|SAMT|Samara Summer Time|SAMST
Indian/Chagos|Indian Ocean Time|IOT|Indian Ocean Territory Summer Time|IOST
Pacific/Efate|Vanuatu Standard Time|VUT|Vanuatu Summer Time|VUST
Pacific/Nauru|Nauru Time|NRT|Nauru Summer Time|NRST
Pacific/Palau|Palau Time|PWT|Palau Summer Time|PWST
America/Bogota|Colombia Standard Time|COT|Colombia Summer Time|COST
America/Cuiaba|Amazon Standard Time|AMT|Amazon Summer Time|AMST
America/Guyana|Guyana Time|GYT|Guyana Summer Time|GYST
America/Havana|Cuba Standard Time|CST|Cuba Daylight Time|CDT|60
America/La_Paz|Bolivia Time|BOT|Bolivia Summer Time|BOST
Asia/Hong_Kong|Hong Kong Standard Time|HKT|Hong Kong Summer Time|HKST
Asia/Kamchatka|Petropavlovsk-Kamchatski Standard Time|PETT|Petropavlovsk-Kamchatski Summer Time|PETST
Asia/Qyzylorda|West Kazakhstan Time|QYZT|Qyzylorda Summer Time|QYZST
Asia/Singapore|Singapore Standard Time|SGT|Singapore Summer Time|SGST
Indian/Reunion|Réunion Time|RET|Reunion Summer Time|REST
Pacific/Easter|Easter Island Standard Time|EAST|Easter Island Summer Time|EASST|60
Pacific/Kosrae|Kosrae Time|KOST|Kosrae Summer Time|KOSST
Pacific/Majuro|Marshall Islands Time|MHT|Marshall Islands Summer Time|MHST
Pacific/Midway|Samoa Standard Time|SST|Samoa Daylight Time|SDT
Pacific/Noumea|New Caledonia Standard Time|NCT|New Caledonia Summer Time|NCST
Pacific/Ponape|Ponape Time|PONT|Pohnpei Summer Time|PONST
Pacific/Tahiti|Tahiti Time|TAHT|Tahiti Summer Time|TAHST
Pacific/Tarawa|Gilbert Islands Time|GILT|Gilbert Is. Summer Time|GILST
Pacific/Wallis|Wallis & Futuna Time|WFT|Wallis & Futuna Summer Time|WFST
Africa/Windhoek|Central Africa Time|CAT|Western African Time|WAT
America/Caracas|Venezuela Time|VET|Venezuela Summer Time|VEST
America/Cayenne|French Guiana Time|GFT|French Guiana Summer Time|GFST
America/Godthab|West Greenland Standard Time|WGT|West Greenland Summer Time|WGST|60
America/Noronha|Fernando de Noronha Standard Time|FNT|Fernando de Noronha Summer Time|FNST
Asia/Choibalsan|Ulaanbaatar Standard Time|CHOT|Ulaanbaatar Summer Time|CHOST
Atlantic/Azores|Azores Standard Time|AZOT|Azores Summer Time|AZOST|60
Australia/Eucla|Australian Central Western Standard Time|ACWST|Australian Central Western Daylight Time|ACWDT
Australia/Perth|Australian Western Standard Time|AWST|Australian Western Daylight Time|AWDT
Indian/Maldives|Maldives Time|MVT|Maldives Summer Time|MVST
Pacific/Chatham|Chatham Standard Time|CHAST|Chatham Daylight Time|CHADT|60
Pacific/Fakaofo|Tokelau Time|TKT|Tokelau Summer Time|TKST
Pacific/Gambier|Gambier Time|GAMT|Gambier Summer Time|GAMST
Pacific/Norfolk|Norfolk Island Standard Time|NFT|Norfolk Island Daylight Time|NFST|60
America/Asuncion|Paraguay Standard Time|PYT|Paraguay Summer Time|PYST
America/Eirunepe|Acre Standard Time|ACT|Acre Summer Time|ACST
America/Mazatlan|Mexican Pacific Standard Time|MST|Mexican Pacific Daylight Time|MDT
America/Miquelon|St. Pierre & Miquelon Standard Time|PMST|St. Pierre & Miquelon Daylight Time|PMDT|60
America/Santiago|Chile Standard Time|CLT|Chile Summer Time|CLST|60
Antarctica/Casey|Casey Time|AWST|Australian Western Daylight Time|AWDT
Antarctica/Davis|Davis Time|DAVT|Davis Summer Time|DAVST
Antarctica/Syowa|Syowa Time|SYOT|Syowa Summer Time|SYOST
Asia/Krasnoyarsk|Krasnoyarsk Standard Time|KRAT|Krasnoyarsk Summer Time|KRAST
Asia/Novosibirsk|Novosibirsk Standard Time|NOVT|Novosibirsk Summer Time|NOVST
Asia/Ulaanbaatar|Ulaanbaatar Standard Time|ULAT|Ulaanbaatar Summer Time|ULAST
Atlantic/Stanley|Falkland Islands Standard Time|FKT|Falkland Islands Summer Time|FKST
Europe/Volgograd|Volgograd Standard Time|MSK|Volgograd Summer Time|MSD
Indian/Christmas|Christmas Island Time|CXT|Christmas Island Summer Time|CXST
Indian/Kerguelen|French Southern & Antarctic Time|TFT|French Southern & Antarctic Lands Summer Time|TFST
Indian/Mauritius|Mauritius Standard Time|MUT|Mauritius Summer Time|MUST
Pacific/Funafuti|Tuvalu Time|TVT|Tuvalu Summer Time|TVST
Pacific/Pitcairn|Pitcairn Time|PST|Pitcairn Daylight Time|PDT
America/Guayaquil|Ecuador Time|ECT|Ecuador Summer Time|ECST
Antarctica/Mawson|Mawson Time|MAWT|Mawson Summer Time|MAWST
Antarctica/Vostok|Vostok Time|VOST|Vostok Summer Time|VOSST
Pacific/Enderbury|Phoenix Islands Time|PHOT|Phoenix Is. Summer Time|PHOST
Pacific/Galapagos|Galapagos Time|GALT|Galapagos Summer Time|GALST
Pacific/Marquesas|Marquesas Time|MART|Marquesas Summer Time|MARST
Pacific/Rarotonga|Cook Islands Standard Time|CKT|Cook Islands Half Summer Time|CKHST
Pacific/Tongatapu|Tonga Standard Time|TOT|Tonga Summer Time|TOST
America/Montevideo|Uruguay Standard Time|UYT|Uruguay Summer Time|UYST
America/Paramaribo|Suriname Time|SRT|Suriname Summer Time|SRST
Antarctica/Rothera|Rothera Time|ROTT|Rothera Summer Time|ROTST
Asia/Yekaterinburg|Yekaterinburg Standard Time|YEKT|Yekaterinburg Summer Time|YEKST
Pacific/Kiritimati|Line Islands Time|LINT|Line Is. Summer Time|LINST
Atlantic/Cape_Verde|Cape Verde Standard Time|CVT|Cape Verde Summer Time|CVST
Australia/Lord_Howe|Lord Howe Standard Time|LHST|Lord Howe Daylight Time|LHDT|30
America/Santa_Isabel|Northwest Mexico Standard Time|PST|Northwest Mexico Daylight Time|PDT|60
America/Scoresbysund|East Greenland Standard Time|EGT|East Greenland Summer Time|EGST|60
Pacific/Port_Moresby|Papua New Guinea Time|PGT|Papua New Guinea Summer Time|PGST
Atlantic/South_Georgia|South Georgia Time|GST|South Georgia Daylight Time|GDT
Antarctica/DumontDUrville|Dumont-d’Urville Time|DDUT|Dumont-d'Urville Summer Time|DDUST
Asia/Kashgar|Xinjiang Standard Time|XJT|Xinjiang Daylight Time|XJDT
CET|Central European Time|CET|Central European Summer Time|CEST|60
Europe/Istanbul|Turkey Time|TRT|Turkey Summer Time|TRST
Asia/Tomsk|Tomsk Standard Time|GMT+07:00|Tomsk Daylight Time|GMT+07:00
HST|Hawaii Standard Time|HST|Hawaii Standard Time|HST
Europe/Saratov|Saratov Standard Time|GMT+04:00|Saratov Standard Time|GMT+04:00
AGT|Argentine Time|ART|Argentine Summer Time|ARST
Pacific/Bougainville|Bougainville Standard Time|BST|Bougainville Daylight Time|BST
Asia/Barnaul|Barnaul Standard Time|GMT+07:00|Barnaul Daylight Time|GMT+07:00
MET|Middle Europe Time|MET|Middle Europe Summer Time|MEST|60
Africa/El_Aaiun|Western European Time|WET|Western European Summer Time|WEST
Antarctica/Palmer|Chile Time|CLT|Chile Summer Time|CLST
America/Punta_Arenas|Punta Arenas Standard Time|GMT-03:00|Punta Arenas Standard Time|GMT-03:00
Europe/Kirov|Moscow Standard Time|MSK|Moscow Daylight Time|MSD
Pacific/Kanton|Kanton Standard Time|GMT+13:00|Kanton Daylight Time|GMT+13:00
Europe/Astrakhan|Astrakhan Standard Time|GMT+04:00|Astrakhan Standard Time|GMT+04:00
Asia/Famagusta|Eastern European Time|EET|Eastern European Summer Time|EEST|60
Europe/Ulyanovsk|Ulyanovsk Standard Time|GMT+04:00|Ulyanovsk Standard Time|GMT+04:00
Asia/Srednekolymsk|Srednekolymsk Time|SRET|Srednekolymsk Daylight Time|SREDT
`;
