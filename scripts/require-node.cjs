// Says in one sentence what to do where Node is too old or nothing is installed; plain CommonJS, so that any Node runs it.
var fs = require('node:fs');
var path = require('node:path');

var root = path.join(__dirname, '..');
var parts = process.versions.node.split('.').map(Number);
var isNewEnough = parts[0] > 22 || (parts[0] === 22 && parts[1] >= 18);
var isInstalled = fs.existsSync(path.join(root, 'node_modules', 'pg'));

function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}

if (!isInstalled) {
  stop('tillsync is not installed yet: run `npm ci` in its folder.');
} else if (!isNewEnough) {
  stop(
    `tillsync needs Node 22.18 or later, and this is ${process.versions.node}: run \`npm ci\` in its folder, which brings one on Linux x64, or install a newer Node.`,
  );
}
