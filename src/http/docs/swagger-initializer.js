// The document shows what the caller may use, so it is fetched with the token, and again whenever the token changes.
window.onload = () => {
  let token
  const fetchAgain = (original, system) => (payload) => {
    const result = original(payload)
    token = system.authSelectors.authorized()?.getIn(['bearer', 'value'])
    system.specActions.download()
    return result
  }
  const FollowToken = {
    statePlugins: {
      auth: { wrapActions: { authorize: fetchAgain, logout: fetchAgain, restoreAuthorization: fetchAgain } },
    },
  }
  window.ui = SwaggerUIBundle({
    url: '/openapi.json',
    dom_id: '#swagger-ui',
    deepLinking: true,
    displayRequestDuration: true,
    docExpansion: 'none',
    filter: true,
    persistAuthorization: true,
    tryItOutEnabled: true,
    requestInterceptor: (request) => {
      if (request.loadSpec && token) request.headers.Authorization = `Bearer ${token}`
      return request
    },
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    plugins: [SwaggerUIBundle.plugins.DownloadUrl, () => FollowToken],
    layout: 'StandaloneLayout',
  })
}
