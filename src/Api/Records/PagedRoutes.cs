namespace Clinic.Records;

/// <summary>Marks a route whose answer is a page of a list, for the description of the Api.</summary>
/// <param name="HasCursor">Whether it takes <c>cursor</c>; all take <c>limit</c>.</param>
internal sealed record PagedRoute(bool HasCursor);

/// <summary>Describes routes that answer a page.</summary>
internal static class PagedRoutes
{
    /// <summary>The route answers a <see cref="Page{T}"/> and takes <c>limit</c> and, unless it goes on in a way of its own, <c>cursor</c>.</summary>
    public static RouteHandlerBuilder ProducesPage<T>(this RouteHandlerBuilder route, bool hasCursor = true) =>
        route.Produces<Page<T>>().WithMetadata(new PagedRoute(hasCursor));
}
