// Pure: the names of Java's en_US.

export const ERAS = ["BC", "AD"];
export const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
export const SHORT_MONTHS = MONTHS.map((name) => name.slice(0, 3));
/** Sunday first. */
export const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
export const SHORT_WEEKDAYS = WEEKDAYS.map((name) => name.slice(0, 3));
export const HALF_DAYS = ["AM", "PM"];
