// The demo prints an address with a token behind the `#`, which a browser keeps to itself.
const token = new URLSearchParams(location.hash.slice(1)).get('token');
const headers = token
  ? { Authorization: `Bearer ${token}` }
  : { Authorization: 'Bearer <what `lazo token create` printed>' };
const query = `# Write a query and press the button. The token is in the tab "Headers" below.
query FirstProfiles {
  profiles(first: 5, sortKey: LAST_SEEN) {
    nodes {
      id
      traits(names: ["firstName", "preferredCategory"]) { name value }
      summary { touchpoints orders spend { amount currency } }
    }
  }
}
`;
ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: '/graphql' }),
    defaultQuery: query,
    defaultHeaders: JSON.stringify(headers, null, 2),
    headers: token ? JSON.stringify(headers, null, 2) : undefined,
    defaultEditorToolsVisibility: 'headers',
    shouldPersistHeaders: false,
  }),
);
