namespace Clinic.Notifications;

/// <summary>The data of <c>notification:new</c>; all of it is the notification's own.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">One of the contract's kinds.</param>
/// <param name="Priority">One of the contract's priorities.</param>
/// <param name="Title">What happened.</param>
/// <param name="Body">The least one has to know of it.</param>
/// <param name="Link">Where in the application it is about.</param>
/// <param name="RequiresAck">Whether somebody has to take note of it before it may rest.</param>
public sealed record NotificationNew(string Id, string Kind, string Priority, string Title, string Body, string Link, bool RequiresAck);
