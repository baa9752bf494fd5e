-- What was closed without stars is searched by that. The job goes through what it had entered once more, and all else is found meanwhile.
UPDATE setting SET value = '2' WHERE name = 'search_past' AND value = '3';
UPDATE setting SET value = '0' WHERE name = 'search_again';
