/** Stands in for d3-time-format, 4 kB compressed: no chart has dates on an axis. */
function none(): never {
  throw new Error('no format of dates is in the page: give the axis numbers');
}

export {
  none as isoFormat,
  none as isoParse,
  none as timeFormat,
  none as timeFormatDefaultLocale,
  none as timeFormatLocale,
  none as timeParse,
  none as utcFormat,
  none as utcParse,
};
