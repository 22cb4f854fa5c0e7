// Every page of the console as it is right after its start, for specs that look at all of them.

import { deployment, ENDPOINT, PRIMARY } from './steps';

/** Words and path of each page that asks for a session. */
export const PAGES: [string, string][] = [
  ['overview', '/'],
  ['account', '/account'],
  ['changes', '/changes'],
  ['unknown change', '/changes/none'],
  ['stage', '/stages/anet-prod'],
  ['endpoint', ENDPOINT],
  ['route plan', `${ENDPOINT}/route?live.${PRIMARY}=0`],
  ['refused route plan', `${ENDPOINT}/route?live.${PRIMARY}=60&mirror=${PRIMARY}&mirror_percent=51`],
  ['test request', `${ENDPOINT}/test`],
  ['new deployment', `${ENDPOINT}/new-deployment`],
  ['example of a deployment', `${ENDPOINT}/new-deployment?example=1`],
  ['deployment', deployment(PRIMARY)],
  ['deployment with a log', `${deployment(PRIMARY)}?log=storage-initializer&tail=5`],
  ['deletion', `${deployment(PRIMARY)}/delete`],
  ['history', '/history'],
  ['filtered history', '/history?kind=signed_in&person=nobody'],
  ['refused filter', '/history?kind=everything'],
  ['what was live', '/history?live=anet-prod%2Fanet-ep-prod&at=2020-01-01T00:00'],
  ['entry of the ledger', '/history/0'],
  ['unknown entry', '/history/999999999'],
  ['releases', '/releases'],
  ['releases of a branch', '/releases?ref=shadow-nbq-2'],
  ['releases of no branch', '/releases?ref=nowhere'],
  ['release', '/releases/ml-azua/deploy.yml/deploy-nbq-dev'],
  ['build', '/releases/ml-azua/deploy.yml/build-prod'],
  ['release that asks', '/releases/ml-azua/route.yml/route-nbq-prod'],
  ['release plan', '/releases/ml-azua/route.yml/route-nbq-prod/plan?in.shadow_deployment_traffic_percentage=101'],
  ['unknown release', '/releases/ml-azua/deploy.yml/none'],
  ['unknown run', '/runs/00000000-0000-0000-0000-000000000000'],
  ['unknown page', '/nowhere'],
  ['unknown endpoint', '/stages/anet-prod/endpoints/anet-ep-none'],
  ['unknown deployment', deployment('anet-none')],
];
