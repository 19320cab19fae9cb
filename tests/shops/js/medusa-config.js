'use strict';
const { defineConfig } = require('@medusajs/framework/utils');

const origin = `http://${process.env.HOST}:${process.env.PORT}`;
module.exports = defineConfig({
  admin: { disable: true },
  projectConfig: {
    databaseUrl: process.env.DATABASE_URL,
    databaseDriverOptions: { connection: { ssl: false } },
    http: {
      storeCors: origin,
      adminCors: origin,
      authCors: origin,
      jwtSecret: process.env.COOKIE_SECRET,
      cookieSecret: process.env.COOKIE_SECRET,
    },
  },
});
