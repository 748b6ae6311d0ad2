import HtmlWebpackPlugin from 'html-webpack-plugin';

export default {
  entry: './src/main.js',
  output: { clean: true },
  module: { rules: [{ test: /\.jpg$/, type: 'asset/resource' }] },
  plugins: [new HtmlWebpackPlugin({ template: 'src/index.html' })],
  performance: { hints: false }, // the model and the runtime are larger than what webpack warns about
};
