/** The package carries these schemas without types. */
declare module "discord-api-spec/zod";
