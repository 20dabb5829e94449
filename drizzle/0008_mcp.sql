CREATE TABLE "mcp_tools" (
	"server" text NOT NULL,
	"tool" text NOT NULL,
	"accepted" jsonb NOT NULL,
	"accepted_at" timestamp (3) with time zone NOT NULL,
	"offered" jsonb,
	CONSTRAINT "mcp_tools_server_tool_pk" PRIMARY KEY("server","tool")
);
