// A real Vendure on this machine's own address. `node vendure.js fill FILE` makes its database and imports a catalogue; `node vendure.js serve` serves it.
'use strict';
const { bootstrap, DefaultJobQueuePlugin, DefaultSearchPlugin, JobQueueService, dummyPaymentHandler } = require('@vendure/core');
const { populate } = require('@vendure/core/cli');

const database = new URL(process.env.DATABASE_URL);
const config = {
  apiOptions: { hostname: process.env.HOST, port: Number(process.env.PORT), adminApiPath: 'admin-api', shopApiPath: 'shop-api' },
  authOptions: {
    tokenMethod: ['bearer', 'api-key'],
    superadminCredentials: { identifier: process.env.ADMIN, password: process.env.PASSWORD },
    cookieOptions: { secret: process.env.COOKIE_SECRET },
  },
  dbConnectionOptions: {
    type: 'postgres',
    host: database.hostname,
    port: Number(database.port),
    username: database.username,
    password: database.password,
    database: database.pathname.slice(1),
    synchronize: process.argv[2] === 'fill',
    logging: false,
  },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  customFields: { ProductVariant: [{ name: 'costPrice', type: 'int', nullable: true }] },
  plugins: [DefaultJobQueuePlugin.init({ useDatabaseForBuffer: false }), DefaultSearchPlugin.init({ bufferUpdates: false })],
};
const initial = {
  defaultLanguage: 'en',
  defaultZone: 'Europe',
  countries: [{ name: 'Austria', code: 'AT', zone: 'Europe' }],
  taxRates: [{ name: 'Standard Tax', percentage: 20 }],
  shippingMethods: [{ name: 'Post', price: 500 }],
  paymentMethods: [{ name: 'Dummy', handler: { code: dummyPaymentHandler.code, arguments: [{ name: 'automaticSettle', value: 'true' }] } }],
  collections: [],
};

async function main() {
  if (process.argv[2] === 'fill') {
    const app = await populate(() => bootstrap(config), initial, process.argv[3]);
    await app.close();
    process.exit(0);
  }
  const app = await bootstrap(config);
  await app.get(JobQueueService).start();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
