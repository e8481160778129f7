/** What @types/seedrandom says of alea, under the path that loads none of its other generators. */
declare module 'seedrandom/lib/alea.js' {
  import type seedrandom from 'seedrandom';

  const alea: typeof seedrandom.alea;
  export default alea;
}
