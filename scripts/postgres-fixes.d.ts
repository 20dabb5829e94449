export declare const DRIVER_FILE: RegExp;
export declare function fixDriver(code: string): string;
