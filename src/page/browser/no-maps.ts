/** Stands in for d3-geo, 9 kB compressed: Plot can draw maps, and none of the charts is one. */
const none = () => ({});

export {
  none as geoAlbers,
  none as geoAlbersUsa,
  none as geoAzimuthalEqualArea,
  none as geoAzimuthalEquidistant,
  none as geoCentroid,
  none as geoClipRectangle,
  none as geoConicConformal,
  none as geoConicEqualArea,
  none as geoConicEquidistant,
  none as geoEqualEarth,
  none as geoEquirectangular,
  none as geoGnomonic,
  none as geoGraticule10,
  none as geoMercator,
  none as geoOrthographic,
  none as geoPath,
  none as geoStereographic,
  none as geoStream,
  none as geoTransform,
  none as geoTransverseMercator,
};
