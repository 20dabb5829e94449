/** Places people name when they mean a zone, beyond the cities that IANA names its zones after. */

const PLACES: Readonly<Record<string, string>> = {
  "Europe/Paris": "lyon,marseille,toulouse,bordeaux,lille,france",
  "Europe/London":
    "manchester,edinburgh,glasgow,birmingham,liverpool,bristol,leeds,cambridge,oxford,cardiff,uk,united kingdom,england,scotland,wales",
  "Europe/Berlin": "munich,hamburg,frankfurt,cologne,stuttgart,dusseldorf,leipzig,dresden,hanover,germany",
  "Europe/Madrid": "barcelona,valencia,seville,bilbao,malaga,spain",
  "Europe/Rome": "milan,turin,naples,florence,bologna,venice,italy",
  "Europe/Zurich": "geneva,basel,bern,lausanne,switzerland",
  "Europe/Amsterdam": "rotterdam,the hague,utrecht,eindhoven,netherlands",
  "Europe/Brussels": "antwerp,ghent,belgium",
  "Europe/Warsaw": "krakow,wroclaw,gdansk,poznan,poland",
  "Europe/Prague": "brno,czechia",
  "Europe/Vienna": "graz,salzburg,austria",
  "Europe/Stockholm": "gothenburg,malmo,sweden",
  "Europe/Copenhagen": "aarhus,denmark",
  "Europe/Oslo": "bergen,norway",
  "Europe/Helsinki": "tampere,finland",
  "Europe/Lisbon": "porto,portugal",
  "Europe/Dublin": "cork,ireland",
  "Europe/Athens": "thessaloniki,greece",
  "Europe/Bucharest": "cluj,romania",
  "Europe/Budapest": "hungary",
  "Europe/Istanbul": "ankara,izmir,turkey",
  "Europe/Kyiv": "kiev,kyiv,lviv,odesa,kharkiv,ukraine",
  "Europe/Moscow": "saint petersburg,st petersburg",
  "America/New_York":
    "nyc,boston,washington,washington dc,philadelphia,atlanta,miami,baltimore,charlotte,orlando,pittsburgh,eastern time",
  "America/Chicago":
    "houston,dallas,austin,san antonio,minneapolis,milwaukee,new orleans,st louis,kansas city,memphis,nashville,central time",
  "America/Denver": "salt lake city,albuquerque,boulder,mountain time",
  "America/Los_Angeles":
    "san francisco,sf,seattle,portland,san diego,san jose,las vegas,sacramento,oakland,palo alto,pacific time",
  "America/Toronto": "ottawa,montreal,quebec",
  "America/Edmonton": "calgary",
  "America/Sao_Paulo": "rio,rio de janeiro,brasilia,são paulo",
  "America/Mexico_City": "guadalajara",
  "America/Bogota": "medellin,cali,bogotá,colombia",
  "America/Argentina/Buenos_Aires": "buenos aires,argentina",
  "Asia/Kolkata":
    "kolkata,calcutta,mumbai,bombay,delhi,new delhi,bangalore,bengaluru,chennai,hyderabad,pune,ahmedabad,india",
  "Asia/Shanghai": "beijing,shenzhen,guangzhou,hangzhou,chengdu,china",
  "Asia/Tokyo": "osaka,kyoto,yokohama,nagoya,sapporo,fukuoka,japan",
  "Asia/Seoul": "busan,korea,south korea",
  "Asia/Singapore": "singapore",
  "Asia/Hong_Kong": "hongkong",
  "Asia/Ho_Chi_Minh": "ho chi minh,ho chi minh city,saigon,hanoi,vietnam",
  "Asia/Bangkok": "thailand",
  "Asia/Manila": "cebu,philippines",
  "Asia/Kathmandu": "kathmandu,nepal",
  "Asia/Yangon": "yangon,rangoon",
  "Asia/Dubai": "abu dhabi,uae",
  "Asia/Riyadh": "jeddah,saudi arabia",
  "Asia/Jerusalem": "tel aviv,haifa,israel",
  "Asia/Karachi": "lahore,islamabad,pakistan",
  "Asia/Dhaka": "bangladesh",
  "Africa/Cairo": "alexandria,egypt",
  "Africa/Johannesburg": "cape town,durban,pretoria,south africa",
  "Africa/Lagos": "abuja,nigeria",
  "Africa/Nairobi": "mombasa,kenya",
  "Africa/Casablanca": "rabat,marrakesh,morocco",
  "Australia/Sydney": "canberra",
  "Pacific/Auckland": "wellington,christchurch,new zealand",
};

/** What an abbreviation usually means; the zone keeps its own summer time. */
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  UTC: "utc,gmt",
  "America/New_York": "et,est,edt",
  "America/Chicago": "ct,cdt",
  "America/Denver": "mt,mst,mdt",
  "America/Los_Angeles": "pt,pst,pdt",
  "America/Anchorage": "akst,akdt",
  "Pacific/Honolulu": "hst",
  "Europe/London": "bst",
  CET: "cet,cest",
  EET: "eet,eest",
  WET: "wet,west",
  MET: "met",
  "Europe/Moscow": "msk",
  "Asia/Tokyo": "jst",
  "Asia/Seoul": "kst",
  "Asia/Hong_Kong": "hkt",
  "Asia/Singapore": "sgt",
  "Australia/Sydney": "aest,aedt",
  "Australia/Adelaide": "acst,acdt",
  "Australia/Perth": "awst",
  "Pacific/Auckland": "nzst,nzdt",
  "Africa/Johannesburg": "sast",
};

/** Abbreviations that mean different places to different people. */
const UNCLEAR: Readonly<Record<string, readonly string[]>> = {
  ist: ["Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"],
  cst: ["America/Chicago", "Asia/Shanghai"],
  ast: ["America/Halifax", "Asia/Riyadh"],
};

const turned = (table: Readonly<Record<string, string>>): Map<string, string> =>
  new Map(
    Object.entries(table).flatMap(([zone, names]) => names.split(",").map((name): [string, string] => [name, zone])),
  );

/** Lower-case place to zone. */
export const PLACE_ZONES: ReadonlyMap<string, string> = turned(PLACES);
/** Lower-case abbreviation to zone. */
export const ABBREVIATED_ZONES: ReadonlyMap<string, string> = turned(ABBREVIATIONS);
/** Lower-case abbreviation to the zones it may mean. */
export const UNCLEAR_ZONES: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(UNCLEAR));
