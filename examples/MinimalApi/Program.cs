using Clinic.Publisher;
using Example;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton(new AppointmentStore(builder.Configuration.GetConnectionString("Appointments") ?? "Data Source=appointments.db"));
builder.Services.AddClinicPublisher(options => builder.Configuration.Bind("Clinic", options)); // Clinic__Url, Clinic__ServiceKey

var app = builder.Build();
var tenant = app.Configuration["Tenant"] ?? "north";
await app.Services.GetRequiredService<AppointmentStore>().CreateAsync();

app.MapPost("/appointments", async (NewAppointment wanted, AppointmentStore store, IClinicPublisher clinic) =>
{
    var appointment = await store.AddAsync(wanted);
    clinic.AppointmentCreated(tenant, appointment, appointment.Id); // the line that makes it live
    return Results.Created($"/appointments/{appointment.Id}", appointment);
});
app.MapGet("/appointments", (AppointmentStore store) => store.ListAsync());

await app.RunAsync();
